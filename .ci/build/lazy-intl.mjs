// On load, @sindresorhus/is (used by got) creates 2 formatters for its error messages, and string-width a
// segmenter. Node then reads Unicode tables for 10 ms or more. These classes create them on first use.
const { ListFormat, Segmenter } = Intl;

export class LazyListFormat {
  #options;

  constructor(...options) {
    this.#options = options;
  }

  format(list) {
    return new ListFormat(...this.#options).format(list);
  }
}

export class LazySegmenter {
  #segmenter;

  segment(text) {
    return (this.#segmenter ??= new Segmenter()).segment(text);
  }
}
