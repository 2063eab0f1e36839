// What every context begins with: console, and the one who runs the code. It is evaluated before the code is, and uses
// afterwards only what it has kept itself: the code may have replaced everything else, and would forge no answer by that.
(() => {
  "use strict";
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const { slice, toWellFormed } = String.prototype;
  const { toString: nameKind } = Object.prototype;
  const { keys } = Object;
  const asText = String;
  const ErrorKind = Error;
  const TypeErrorKind = TypeError;

  // Memory that threads share is of no use here, and Atomics can wait.
  delete globalThis.Atomics;
  delete globalThis.SharedArrayBuffer;

  const MOST_LINES = 1000;
  const MOST_CHARACTERS = 100_000;
  const LONGEST_ERROR = 4000;

  let logs = "";
  let lines = 0;
  let characters = 0;
  let isCut = false;
  let status = "";
  let text = "";
  let stack = "";
  let variables;

  const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

  const describe = (error) => {
    if (error === null) return "null was thrown, mostly for want of memory";
    try {
      if (!isObject(error)) return asText(error);
      const { name, message } = error;
      if (typeof message !== "string") return stringify(error) ?? apply(nameKind, error, []);
      if (typeof name !== "string" || name === "") return message;
      return message === "" ? name : `${name}: ${message}`;
    } catch {
      return "an error that cannot be shown";
    }
  };

  const stackOf = (error) => {
    try {
      const found = isObject(error) ? error.stack : "";
      return typeof found === "string" ? found : "";
    } catch {
      return "";
    }
  };

  const show = (value) => {
    if (typeof value === "string") return value;
    try {
      if (!isObject(value)) return asText(value);
      if (value instanceof ErrorKind) return describe(value);
      return stringify(value) ?? apply(nameKind, value, []);
    } catch {
      return "[object]";
    }
  };

  const write = (level, line) => {
    logs += `${logs === "" ? "" : ","}{"level":"${level}","text":${stringify(line)}}`;
  };

  const log = (level, values) => {
    if (isCut) return;
    let line = "";
    for (let index = 0; index < values.length; index++) line += (index ? " " : "") + show(values[index]);
    // What is shown may itself write, so only now it is clear how much there is.
    if (isCut) return;
    const room = MOST_CHARACTERS - characters;
    if (lines < MOST_LINES && room > 0) write(level, line.length > room ? apply(slice, line, [0, room]) : line);
    lines += 1;
    characters += line.length;
    if (lines > MOST_LINES || line.length > room) {
      isCut = true;
      write("warn", "The rest of what was written is cut.");
    }
  };

  globalThis.console = {
    log: (...values) => log("log", values),
    info: (...values) => log("info", values),
    warn: (...values) => log("warn", values),
    error: (...values) => log("error", values),
    debug: (...values) => log("debug", values),
  };

  const defaultOf = async (evaluated) => {
    await evaluated;
    // The engine has no loader: it finds this module only, by the name under which it evaluates everything.
    const exported = await import("<input>");
    if (!("default" in exported) && keys(exported).length) throw new TypeErrorKind("the module has no default export");
    return exported.default;
  };

  const madeBy = async (compiled, variables) => {
    for (const name in variables) if (!(name in globalThis)) globalThis[name] = variables[name];
    const module = { exports: {} };
    const made = await compiled(module, module.exports);
    const exported = module.exports;
    if (typeof exported === "function") return exported;
    return typeof exported?.default === "function" ? exported.default : made;
  };

  // The names of the three are known to the child, which leaves them out where it looks for the code's line.
  async function sandboxRun(form, compiled, variables) {
    try {
      const made = form === "module" ? await defaultOf(compiled) : await madeBy(compiled, variables);
      const json = stringify(typeof made === "function" ? await made(variables) : made);
      text = json ?? "";
      status = json === undefined ? "u" : "v";
    } catch (error) {
      text = describe(error);
      stack = stackOf(error);
      status = "f";
    }
  }

  // Strings that were put together are flattened here, and halves of surrogate pairs replaced, as the binding reads neither.
  const readable = (string, length) => apply(toWellFormed, apply(slice, string, [0, length]), []);

  return (what, ...values) => {
    switch (what) {
      case "run":
        sandboxRun(values[0], values[1], variables);
        return "";
      case "read":
        variables = parse(values[0]);
        return "";
      case "text":
        return status === "f" ? readable(text, LONGEST_ERROR) : text;
      case "stack":
        return readable(stack, LONGEST_ERROR);
      case "logs":
        return apply(slice, logs, [0]);
      default:
        return status;
    }
  };
})();
