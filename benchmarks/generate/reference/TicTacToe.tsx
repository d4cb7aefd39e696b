import { useState } from "react";

type Mark = "X" | "O" | null;

const LINES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
];

function winner(squares: Mark[]): Mark {
  const line = LINES.find(([a, b, c]) => squares[a] && squares[a] === squares[b] && squares[a] === squares[c]);
  return line ? squares[line[0]] : null;
}

export default function TicTacToe() {
  const [squares, setSquares] = useState<Mark[]>(Array(9).fill(null));
  const turn = squares.filter(Boolean).length % 2 === 0 ? "X" : "O";
  const won = winner(squares);

  function play(index: number) {
    if (won || squares[index]) return;
    setSquares(squares.map((mark, n) => (n === index ? turn : mark)));
  }

  return (
    <div className="flex flex-col items-center gap-4 p-6">
      <p role="status" className="text-lg font-medium">
        {won ? `${won} wins` : `Next: ${turn}`}
      </p>
      <div className="grid grid-cols-3 gap-1">
        {squares.map((mark, index) => (
          <button
            key={index}
            type="button"
            aria-label={`Square ${index + 1}`}
            className="h-16 w-16 border text-2xl font-bold"
            onClick={() => play(index)}
          >
            {mark}
          </button>
        ))}
      </div>
    </div>
  );
}
