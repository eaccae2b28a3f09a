import type { JudgedStack } from '../policy-input.ts';
import { asObject, at, type JsonObject } from './json.ts';

/** A resource of a stack, as it stands in the JSON. */
export interface StackResource {
  readonly stack: string;
  readonly type: string;
  readonly id: string;
  /** Stack and address, such as `attic: aws_s3_bucket.objects`. */
  readonly address: string;
  readonly body: JsonObject;
}

/** Every resource of a stack. */
export function resourcesOf({ name: stack, json }: JudgedStack): StackResource[] {
  return Object.entries(asObject(at(json, 'resource'))).flatMap(([type, instances]) =>
    Object.entries(asObject(instances)).map(([id, body]) => ({
      stack,
      type,
      id,
      address: `${stack}: ${type}.${id}`,
      body: asObject(body),
    })),
  );
}

/** The value of an output, or undefined when the stack has none of that name. */
export function outputOf({ json }: JudgedStack, name: string): unknown {
  return at(json, 'output', name, 'value');
}
