import * as Primitive from "@radix-ui/react-aspect-ratio";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function AspectRatio({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-aspect-ratio", className) } as object)} />;
}

export const AspectRatioParts = Primitive;
