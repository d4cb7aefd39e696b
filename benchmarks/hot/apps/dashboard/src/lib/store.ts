import axios from "axios";
import dayjs from "dayjs";
import i18next from "i18next";
import { produce } from "immer";
import { sumBy } from "lodash-es";
import { nanoid } from "nanoid";
import { initReactI18next } from "react-i18next";
import { z } from "zod";
import { create } from "zustand";

const Order = z.object({ id: z.string(), customer: z.string(), amount: z.number(), day: z.string() });
export type Order = z.infer<typeof Order>;

const NAMES = ["Ada", "Grace", "Edsger", "Barbara", "Donald", "Frances"];
const orders = NAMES.map((customer, i) =>
  Order.parse({ id: nanoid(8), customer, amount: 20 + i * 7, day: dayjs("2026-01-01").add(i, "day").format("D MMM") }),
);

interface Store {
  orders: Order[];
  raise(id: string): void;
}

export const useStore = create<Store>((set) => ({
  orders,
  raise: (id) =>
    set((state) =>
      produce(state, (draft) => {
        const order = draft.orders.find((one) => one.id === id);
        if (order) order.amount += 1;
      }),
    ),
}));

export const total = (all: Order[]) => sumBy(all, "amount");
export const api = axios.create({ baseURL: "https://api.example.com" });

i18next.use(initReactI18next).init({ lng: "en", resources: { en: { translation: { orders: "Orders" } } } });
