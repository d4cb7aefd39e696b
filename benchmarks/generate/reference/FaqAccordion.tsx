import { useState } from "react";

const QUESTIONS = [
  { question: "What is it?", answer: "A small tool" },
  { question: "What does it cost?", answer: "Nothing at all" },
];

export default function FaqAccordion() {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());

  function toggle(question: string) {
    const next = new Set(open);
    if (!next.delete(question)) next.add(question);
    setOpen(next);
  }

  return (
    <div className="divide-y rounded-lg border">
      {QUESTIONS.map(({ question, answer }) => (
        <div key={question} className="p-4">
          <button
            type="button"
            aria-expanded={open.has(question)}
            className="w-full text-left font-medium"
            onClick={() => toggle(question)}
          >
            {question}
          </button>
          {open.has(question) && <p className="mt-2 text-gray-600">{answer}</p>}
        </div>
      ))}
    </div>
  );
}
