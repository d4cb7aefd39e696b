import * as Primitive from "@radix-ui/react-toggle";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Toggle({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-toggle", className) } as object)} />;
}

export const ToggleParts = Primitive;
