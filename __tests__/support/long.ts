/** True when the full figures are asked for (`npm run test:long`); else a run is a sample of them. */
const LONG = process.env.FLYWHEEL_LONG === '1';

/** How often, or how much: the sample of every run, and the figure that has to hold. */
export function figure(sample: number, full: number): number {
  return LONG ? full : sample;
}
