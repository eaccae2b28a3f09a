/** Why a chart could not be rendered or summarized, in a sentence for the person who asked. */
export class ChartTrouble extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChartTrouble';
  }
}
