// @sindresorhus/is, which got uses, creates 2 formatters for its error messages as soon as it is loaded, and string-width
// a segmenter. Node then reads Unicode tables, which takes 10 ms and more. These classes create them when they are used.
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
