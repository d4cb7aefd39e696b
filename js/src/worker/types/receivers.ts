/** What is known of a type by its name, as TypeScript writes it. */

const SURE =
  /^(?:string|number|boolean|bigint|symbol|String|Number|Boolean|Date|RegExp|Function|Math|JSON|Console|"[^"]*"|-?[\d.]+)$|^(?:Readonly)?(?:Array|Map|Set)<.*>$|^(?:Promise|WeakMap|WeakSet)<.*>$|^\w+Constructor$|^typeof (?:import\(|[A-Z_$])/s;

/** A value of the language itself, or a module or an enum: what it has not is not there at run time either. */
export function isSure(type: string): boolean {
  return !isSeveral(type) && (SURE.test(type) || type.endsWith("[]"));
}

const LOOSE =
  /(?:Event|Element|Node|Target|Window|Document|Navigator|Style|Declaration|Context|Devices|Error|Props|Intrinsic\w*)\b/;

/** Types of browsers and of React say less than what values of theirs have; others say nothing at all. */
export function isLoose(type: string): boolean {
  return isSeveral(type) || LOOSE.test(type) || /^(?:unknown|never|object|\{\}|any|void)$/.test(type);
}

/** A union or an intersection. */
function isSeveral(type: string): boolean {
  let depth = 0;
  for (const [at, letter] of [...type].entries()) {
    if ("<{([".includes(letter)) depth++;
    else if (">})]".includes(letter) && type[at - 1] !== "=") depth--;
    else if ((letter === "|" || letter === "&") && depth === 0) return true;
  }
  return false;
}
