/** The little that is to be known of React's own tree. */
interface Fiber {
  child: Fiber | null;
  sibling: Fiber | null;
  return: Fiber | null;
  alternate: Fiber | null;
  _debugNeedsRemount?: boolean;
}

export interface Root {
  current: Fiber;
}

/** An update that is taken back leaves marks on the components that it would have mounted anew. */
export function unmarkRemounts(root: Root): void {
  let fiber: Fiber | null = root.current;
  while (fiber) {
    if (fiber._debugNeedsRemount) fiber._debugNeedsRemount = false;
    if (fiber.alternate?._debugNeedsRemount) fiber.alternate._debugNeedsRemount = false;
    if (fiber.child) {
      fiber = fiber.child;
      continue;
    }
    while (fiber && !fiber.sibling) fiber = fiber.return;
    fiber = fiber?.sibling ?? null;
  }
}
