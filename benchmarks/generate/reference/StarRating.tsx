import { useState } from "react";

const STARS = [1, 2, 3, 4, 5];

export default function StarRating() {
  const [rating, setRating] = useState(0);

  return (
    <div className="space-y-3 p-6">
      <div className="flex gap-1 text-3xl">
        {STARS.map((star) => (
          <button
            key={star}
            type="button"
            aria-label={star === 1 ? "1 star" : `${star} stars`}
            className={star <= rating ? "text-yellow-400" : "text-gray-300"}
            onClick={() => setRating(star)}
          >
            ★
          </button>
        ))}
      </div>
      <p>{rating > 0 ? `You rated ${rating} of ${STARS.length}` : "Not rated yet"}</p>
      <button type="button" className="text-sm underline" onClick={() => setRating(0)}>
        Clear
      </button>
    </div>
  );
}
