import { join } from 'node:path';
import { MemoryWitness } from '../../__tests__/backend/gateway/memory-witness.ts';
import { exampleFile } from '../../__tests__/support/examples.ts';
import { startGateway } from '../../backend/gateway/gateway.ts';
import { backendAccess } from '../../backend/settings/backend-access.ts';
import { stackState } from '../../backend/stack-state.ts';
import { StoreClient } from '../../backend/store/store-client.ts';
import { readSettings } from '../../config/read-settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { type Ground, startGround } from '../../operations/rehearsal/stacks/ground.ts';
import { StackRun } from '../../operations/rehearsal/stacks/stack-run.ts';
import { ensure } from '../../operations/secrets/command.ts';
import { median } from '../measurement.ts';

const STACK = 'attic';
const ROUNDS = 3;

/** Seconds of a plan, and of the apply of it. */
interface Steps {
  readonly planSec: number;
  readonly applySec: number;
}

/** Stock tofu and tofu behind a gateway on a whole stack, on a rehearsal cluster. */
export interface AtticRow {
  readonly resources: number;
  readonly stock: Steps;
  readonly gateway: Steps;
  /** What the gateway adds to plan and apply together. */
  readonly addedPercent: number;
}

/** Applies the stack from nothing by both, in turn, each as often first. */
export async function compareAttic(tofu: string): Promise<AtticRow> {
  const charts = process.env.FLYWHEEL_CHARTS ?? '';
  const settings = exampleFile('tinyland');
  const ground = await startGround({ settings, charts, stacks: [STACK] });
  try {
    await makeSecrets(ground);
    const bench = new AtticBench(ground, tofu);
    // The first apply meets a cluster that does not even have the CRDs.
    const resources = await bench.first();
    const stock: Steps[] = [];
    const gateway: Steps[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const turns = [
        async () => stock.push(await bench.stock()),
        async () => gateway.push(await bench.gateway()),
      ];
      for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    }
    const both = { stock: middle(stock), gateway: middle(gateway) };
    const sum = ({ planSec, applySec }: Steps) => planSec + applySec;
    return { resources, ...both, addedPercent: (sum(both.gateway) / sum(both.stock) - 1) * 100 };
  } finally {
    await ground.stop();
  }
}

class AtticBench {
  private readonly ground: Ground;
  private readonly tofu: string;
  private readonly plain: StackRun;
  private readonly witness = new MemoryWitness();

  constructor(ground: Ground, tofu: string) {
    this.ground = ground;
    this.tofu = tofu;
    this.plain = ground.stacks[STACK];
  }

  /** @returns how many resources there are */
  async first(): Promise<number> {
    await this.plain.init();
    const { added } = await this.plain.apply();
    await this.plain.destroy();
    return added;
  }

  async stock(): Promise<Steps> {
    return await this.applied(this.plain);
  }

  async gateway(): Promise<Steps> {
    const { settings: file, environment: given, stateVariables } = this.ground;
    const settings = readSettings(file);
    const environment = { ...given, ...stateVariables };
    const store = new StoreClient(backendAccess(settings, environment));
    const gateway = await startGateway({
      state: stackState(STACK, settings, environment),
      region: settings.state.region,
      declaration: { writes: true },
      store,
      witness: this.witness,
      by: 'bench@here',
      compareAndSwap: true,
      guarded: true,
    });
    try {
      const behind = new StackRun(STACK, this.plain.folder, this.tofu, {
        ...given,
        AWS_ENDPOINT_URL_S3: gateway.endpoint,
        AWS_ACCESS_KEY_ID: gateway.keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: gateway.keys.secretAccessKey,
      });
      const steps = await this.applied(behind);
      const [found] = gateway.findings;
      if (found !== undefined) throw new Error(`the store ${found.did}`);
      return steps;
    } finally {
      await gateway.stop();
      store.close();
    }
  }

  private async applied(run: StackRun): Promise<Steps> {
    const earlier = run.timings.length;
    await run.apply();
    const own = run.timings.slice(earlier);
    const secondsOf = (step: string) => own.find((one) => one.step === step)?.seconds ?? Number.NaN;
    await this.plain.destroy();
    return { planSec: secondsOf('plan'), applySec: secondsOf('apply') };
  }
}

async function makeSecrets({ folder, environment }: Ground): Promise<void> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const printer = { result: say, problem: say };
  const code = await ensure([STACK, '--from', join(folder, 'given')], printer, environment);
  if (code !== EXIT.good) throw new Error(`its Secrets are not there\n${said.join('\n')}`);
}

function middle(runs: readonly Steps[]): Steps {
  return {
    planSec: median(runs.map(({ planSec }) => planSec)),
    applySec: median(runs.map(({ applySec }) => applySec)),
  };
}
