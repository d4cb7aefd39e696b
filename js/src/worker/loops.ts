/** Puts a guard into every loop, so that one without an end can be stopped: nothing else can stop a busy frame. */
import { type Node, walk } from "./literal";
import type { Span } from "./spans";

/** Whether there may be a loop in what oxc has printed. What has none is not parsed. */
export function mayLoop(code: string): boolean {
  return /\b(?:while|for(?: await)?)\s*\(/.test(code);
}

const LOOPS = new Set(["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"]);

/** How many turns go by before a loop looks at the clock. */
const TURNS = 256;

/**
 * `for (…) turn();` becomes `{let n=256,t=0;for (…) {if(!--n){n=256;t=__overskill_loop__(t,0)}turn();}}`: what is counted
 * belongs to this run of the loop, so that many short loops are never taken for an endless one.
 */
export function guardLoops(program: Node): Span[] {
  const spans: Span[] = [];
  /** Labels belong to their loop: the variables go before them. */
  const labels = new Map<Node, Node>();
  let count = 0;
  const insert = (offset: number, text: string, at = offset) => spans.push({ start: offset, end: offset, text, at });
  walk(program, (node) => {
    if (node.type === "LabeledStatement") labels.set(node.body as Node, labels.get(node) ?? node);
    if (!LOOPS.has(node.type)) return;
    const site = count++;
    const [turns, since] = [`__overskill_turns_${site}__`, `__overskill_since_${site}__`];
    const check = `if(!--${turns}){${turns}=${TURNS};${since}=__overskill_loop__(${since},${site})}`;
    const whole = labels.get(node) ?? node;
    const body = node.body as Node;
    insert(whole.start, `{let ${turns}=${TURNS},${since}=0;`);
    if (body.type === "BlockStatement") insert(body.start + 1, check, node.start);
    else {
      insert(body.start, `{${check}`, node.start);
      insert(body.end, "}");
    }
    insert(whole.end, "}");
  });
  return spans;
}
