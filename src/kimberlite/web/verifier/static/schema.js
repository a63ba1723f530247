// Reads a record by its schema, as kimberlite.ledger.schema does. The schemas themselves come from
// the reference as data (schemas.json), so that there is one list of fields.

import { Problem } from "./problem.js";
import { isBytes } from "./bytes.js";

// Controls, line separators and directional overrides: what no text may hold.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

const wrong = () => new Problem("schema.value");
const whole = (value) => typeof value === "number" && Number.isInteger(value);

const READERS = {
  integer([low, high], value) {
    if (typeof value === "bigint" && BigInt(high) >= value && value >= BigInt(low)) return value;
    if (!whole(value) || value < low || value > high) throw wrong();
    return value;
  },
  text(longest, value) {
    const length = typeof value === "string" ? [...value].length : 0;
    if (length === 0 || length > longest || CONTROL.test(value)) throw wrong();
    return value;
  },
  pattern(pattern, value) {
    if (typeof value !== "string" || !new RegExp(`^(?:${pattern})$`).test(value)) throw wrong();
    return value;
  },
  octets([low, high], value) {
    if (!isBytes(value) || value.length < low || value.length > high) throw wrong();
    return value;
  },
  flag(_, value) {
    if (typeof value !== "boolean") throw wrong();
    return value;
  },
  choice(names, value) {
    if (!whole(value) || value < 0 || value >= names.length) throw wrong();
    return names[value];
  },
  list([low, high, member], value, records) {
    if (!Array.isArray(value) || value.length < low || value.length > high) throw wrong();
    return value.map((each) => readKind(member, each, records));
  },
  record(name, value, records) {
    return readRecord(name, value, records);
  },
};

function readKind(kind, value, records) {
  const [name] = Object.keys(kind);
  return READERS[name](kind[name], value, records);
}

/**
 * Give the fields of a decoded map by name.
 * @param {string} name of the schema  @param {Map} raw  @param {object} records all schemas
 */
export function readRecord(name, raw, records) {
  if (!(raw instanceof Map)) throw wrong();
  const fields = records[name];
  const found = {};
  for (const [label, value] of raw) {
    const field = typeof label === "string" ? undefined : fields[label];
    if (field === undefined) throw new Problem("schema.unknown-field", { field: String(label) });
    try {
      found[field.name] = readKind(field.kind, value, records);
    } catch (bad) {
      if (!(bad instanceof Problem)) throw bad;
      const inner = bad.facts.field ? `.${bad.facts.field}` : "";
      throw new Problem(bad.code, { ...bad.facts, field: field.name + inner });
    }
  }
  const lacking = Object.values(fields).filter((each) => each.required && !(each.name in found));
  if (lacking.length > 0) {
    const names = lacking.map((each) => each.name).sort();
    throw new Problem("schema.missing-field", { field: names.join(", ") });
  }
  return found;
}
