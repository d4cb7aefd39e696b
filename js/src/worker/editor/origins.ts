/** Where the characters of a text come from, by stretches: texts are long, and most of them is as it is written. */
export class Origins {
  /** Where each stretch begins in the text. */
  private readonly begins: number[] = [];
  private readonly stretches: Stretch[] = [];
  length = 0;

  /** Characters that stand one after another in the source. */
  plain(start: number, length: number): void {
    const last = this.stretches.at(-1);
    if (last?.isPlain && last.end === start) last.end += length;
    else this.push({ start, end: start + length, isPlain: true }, length);
    this.length += length;
  }

  /** Characters that a stretch of the source stands for as a whole. */
  whole(start: number, end: number, length: number): void {
    this.push({ start, end, isPlain: false }, length);
    this.length += length;
  }

  private push(stretch: Stretch, length: number): void {
    if (!length) return;
    this.begins.push(this.length);
    this.stretches.push(stretch);
  }

  /** The stretch of the source that one character stands for. */
  at(index: number): [start: number, end: number] {
    let [low, high] = [0, this.begins.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.begins[middle]! <= index) low = middle + 1;
      else high = middle;
    }
    const { start, end, isPlain } = this.stretches[low - 1]!;
    const at = start + index - this.begins[low - 1]!;
    return isPlain ? [at, at + 1] : [start, end];
  }
}

interface Stretch {
  start: number;
  end: number;
  isPlain: boolean;
}
