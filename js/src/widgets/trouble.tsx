// What went wrong, and what to do about it. Addresses in it can be followed.
import { linkOf } from "./deployments_state";
import { partsOf } from "./text_parts";

export function Trouble({ error, hint }: { error: string; hint?: string }) {
  return (
    <div class="trouble" role="alert">
      <p>
        <Linked text={error} />
      </p>
      {hint && (
        <p class="hint">
          <Linked text={hint} />
        </p>
      )}
    </div>
  );
}

export function Linked({ text }: { text: string }) {
  return (
    <>
      {partsOf(text).map(({ at, part, address }) =>
        address && linkOf(part) ? (
          <a key={at} href={part} target="_blank" rel="noopener noreferrer">
            {part}
          </a>
        ) : (
          <span key={at}>{part}</span>
        ),
      )}
    </>
  );
}
