import { useState } from "react";

const QUESTIONS = [
  { text: "Capital of France?", answers: ["Paris", "Lyon"], right: "Paris" },
  { text: "Capital of Italy?", answers: ["Milan", "Rome"], right: "Rome" },
];

export default function CapitalQuiz() {
  const [given, setGiven] = useState<string[]>([]);
  const question = QUESTIONS[given.length];

  if (!question) {
    const score = QUESTIONS.filter(({ right }, n) => given[n] === right).length;
    return (
      <div className="space-y-4 p-6">
        <p className="text-xl">
          Score: {score} of {QUESTIONS.length}
        </p>
        <button type="button" className="rounded border px-4 py-2" onClick={() => setGiven([])}>
          Again
        </button>
      </div>
    );
  }

  return (
    <div className="space-y-4 p-6">
      <h2 className="text-xl">{question.text}</h2>
      <div className="flex gap-2">
        {question.answers.map((answer) => (
          <button
            key={answer}
            type="button"
            className="rounded border px-4 py-2"
            onClick={() => setGiven([...given, answer])}
          >
            {answer}
          </button>
        ))}
      </div>
    </div>
  );
}
