// What a model says: prose with code in it. Whatever else it holds is shown as the text that it is.
import { answerParts, inlineParts } from "./answer_parts";
import { Linked } from "./trouble";

export function AnswerText({ text }: { text: string }) {
  return (
    <div class="answer">
      {answerParts(text).map((part, at) =>
        part.kind === "code" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts only grow.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must be able to.
          <pre key={at} class="code" tabIndex={0} data-language={part.language || undefined}>
            {part.text}
          </pre>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          <p key={at} class="prose">
            {inlineParts(part.text).map(({ at: begin, part: piece, code }) =>
              code ? <code key={begin}>{piece}</code> : <Linked key={begin} text={piece} />,
            )}
          </p>
        ),
      )}
    </div>
  );
}
