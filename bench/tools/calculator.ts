// The tools that are called: four functions, and a class of the same.

interface Two {
  a: number
  b: number
}

export const add = ({ a, b }: Two): number => a + b
export const subtract = ({ a, b }: Two): number => a - b
export const multiply = ({ a, b }: Two): number => a * b
export const divide = ({ a, b }: Two): number => a / b

// A class of static methods is what is measured.
// oxlint-disable-next-line typescript/no-extraneous-class
export class Calculator {
  static add = add
  static subtract = subtract
  static multiply = multiply
  static divide = divide
}

/** Ignores its signal for as long as it lives. */
export const spin = (): never => {
  for (;;);
}
