import * as Primitive from "@radix-ui/react-slider";
import type { ComponentProps } from "react";
import { cn } from "../../lib/utils";

export function Slider({ className, ...props }: ComponentProps<typeof Primitive.Root> & { className?: string }) {
  return <Primitive.Root {...(props as object)} {...({ className: cn("ui-slider", className) } as object)} />;
}

export const SliderParts = Primitive;
