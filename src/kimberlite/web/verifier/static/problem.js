// What goes wrong, under the same stable codes as the reference (kimberlite.kernel.errors).

export class Problem extends Error {
  /** @param {string} code area.reason  @param {object} facts what its sentence needs */
  constructor(code, facts = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}

/** Give a function's value, or null where it throws a Problem; any other error goes on. */
export function orNull(read) {
  try {
    return read();
  } catch (bad) {
    if (bad instanceof Problem) return null;
    throw bad;
  }
}
