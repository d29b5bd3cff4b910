// @sindresorhus/is, which got uses, creates 2 formatters for its error messages as soon as it is loaded. Node then reads
// Unicode tables, which takes 10 ms. This class creates them when they are used.
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
