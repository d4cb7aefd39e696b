import * as Primitive from "@radix-ui/react-separator";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Separator({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-separator", className) } as object)} />;
}

export const SeparatorParts = Primitive;
