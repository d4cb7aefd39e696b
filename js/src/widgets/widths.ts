import type { Device } from "./model";

/** In pixels; 0 for all there is. */
export const WIDTHS: Record<Device, number> = { "": 0, phone: 390, tablet: 768, desktop: 1280 };
