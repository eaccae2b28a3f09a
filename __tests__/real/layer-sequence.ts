import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { inOrder } from './layers.ts';

/** Runs the files of the real lane layer by layer, whatever took how long the last time. */
export class LayerSequence extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve([...files].sort((one, other) => inOrder(one.moduleId, other.moduleId)));
  }
}
