/** What a page's default export renders: the expression that its component returns. */
import type { Node } from "../literal";
import { unwrap } from "./values";

/** The expression, without parentheses; null where there is no component, or it returns nothing. */
export function renderedBy(body: Node[]): Node | null {
  const exported = defaultExport(body);
  const found = exported && returned(exported, body, 0);
  return found ? unwrap(found) : null;
}

function defaultExport(body: Node[]): Node | null {
  for (const statement of body) {
    if (statement.type === "ExportDefaultDeclaration") return statement.declaration as Node;
    if (statement.type !== "ExportNamedDeclaration" || statement.source) continue;
    for (const { local, exported } of (statement.specifiers as { local: Node; exported: Node }[]) ?? []) {
      if ((exported.name ?? exported.value) === "default") return local;
    }
  }
  return null;
}

/** What is returned by a function, a class, or by what wraps one: `memo(Page)`, `withAuth(forwardRef(…))`. */
function returned(given: Node, body: Node[], depth: number): Node | null {
  const node = unwrap(given);
  if (depth > 8) return null;
  switch (node.type) {
    case "Identifier": {
      const found = declared(body, node.name as string);
      return found && returned(found, body, depth + 1);
    }
    case "CallExpression": {
      // A higher-order component may be given options as well: the component is the first that renders.
      const [first, ...others] = [...(node.arguments as Node[]), node.callee as Node];
      for (const argument of [first, ...others]) {
        const found = argument && returned(argument, body, depth + 1);
        if (found) return found;
      }
      return null;
    }
    case "ArrowFunctionExpression":
      if (node.expression) return rendersNothing(node.body as Node) ? null : (node.body as Node);
      return returnOf(node.body as Node);
    case "FunctionDeclaration":
    case "FunctionExpression":
      return returnOf(node.body as Node | null);
    case "ClassDeclaration":
    case "ClassExpression": {
      const members = (node.body as Node).body as Node[];
      const render = members.find((m) => /^(?:MethodDefinition|PropertyDefinition)$/.test(m.type) && isRender(m));
      return render?.value ? returned(render.value as Node, body, depth + 1) : null;
    }
    default:
      return null;
  }
}

const isRender = (member: Node) => (member.key as Node).name === "render";

function declared(body: Node[], name: string): Node | null {
  for (const statement of body) {
    const node = (/^Export(?:Named|Default)/.test(statement.type) ? statement.declaration : statement) as Node | null;
    if (!node) continue;
    if (/^(?:Function|Class)Declaration$/.test(node.type) && (node.id as Node | null)?.name === name) return node;
    if (node.type !== "VariableDeclaration") continue;
    for (const declarator of node.declarations as Node[]) {
      if ((declarator.id as Node).name === name) return declarator.init as Node | null;
    }
  }
  return null;
}

/** The last return of a function's own statements; of those within others where it has none itself. */
function returnOf(block: Node | null): Node | null {
  const statements = (block?.body as Node[] | undefined) ?? [];
  const found = statements.findLast((s) => s.type === "ReturnStatement") ?? nested(statements);
  const argument = (found?.argument as Node | null) ?? null;
  return argument && !rendersNothing(argument) ? argument : null;
}

function nested(statements: Node[]): Node | null {
  let found: Node | null = null;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    const at = node as Node | null;
    if (!at || typeof at !== "object" || typeof at.type !== "string") return;
    if (/Function|Class|Expression$|^JSX|^TS/.test(at.type)) return;
    if (at.type === "ReturnStatement" && at.argument && !rendersNothing(at.argument as Node)) found = at;
    for (const key in at) if (typeof at[key] === "object") visit(at[key]);
  };
  visit(statements);
  return found;
}

/** What no component returns: a function of a higher-order component is told from a component by it. */
function rendersNothing(given: Node): boolean {
  return /^(?:Arrow|Function|Class|ObjectExpression$|TemplateLiteral$)/.test(unwrap(given).type);
}
