// @sindresorhus/is, which got uses, creates 2 formatters for its error messages as soon as it is loaded. Node then reads
// Unicode tables, which takes about 10 ms. This class creates the formatter when there is a message to format.
const { ListFormat } = Intl;

export class LazyListFormat {
  #options;

  constructor(...options) {
    this.#options = options;
  }

  format(list) {
    return new ListFormat(...this.#options).format(list);
  }
}
