// On load, @sindresorhus/is (used by got) creates 2 formatters for its error messages. Node then reads
// Unicode tables, which takes 10 ms. This class creates them on first use.
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
