/** Work that waits only where it has to: without a promise in it, it is done within the caller's task. */
export type Task<T> = Generator<Promise<unknown>, T, void>;

export function perform<T>(task: Task<T>): T | Promise<T> {
  const step = task.next();
  return step.done ? step.value : later(task, step.value);
}

async function later<T>(task: Task<T>, first: Promise<unknown>): Promise<T> {
  let wait = first;
  for (;;) {
    let step: IteratorResult<Promise<unknown>, T>;
    try {
      await wait;
      step = task.next();
    } catch (error) {
      step = task.throw(error);
    }
    if (step.done) return step.value;
    wait = step.value;
  }
}
