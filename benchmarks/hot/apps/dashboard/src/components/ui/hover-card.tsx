import * as Primitive from "@radix-ui/react-hover-card";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function HoverCard({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-hover-card", className) } as object)} />;
}

export const HoverCardParts = Primitive;
