// The same as a standard decorator of methods.

import { Maker } from './cached.ts'
import { settingsOf, type CacheOptions } from './options.ts'

/** Options of a decorated method: its name is by default that of the method. */
export type MethodOptions<Args extends readonly unknown[], Value> = Omit<CacheOptions<Args, Value>, 'name'> & {
  readonly name?: string
}

/** A standard decorator of a method that gives a promise. */
export type MethodDecorator<Args extends readonly unknown[], Value> = <This>(
  method: (this: This, ...args: Args) => Promise<Value>,
  context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => Promise<Value>>,
) => (this: This, ...args: Args) => Promise<Value>

/** See `cached`: one cache for all instances. */
export function cachedMethod<Args extends readonly unknown[], Value>(
  options: MethodOptions<Args, Value>,
): MethodDecorator<Args, Value> {
  return (method, context) => {
    const settings = settingsOf<Args, Value>({ ...options, name: options.name ?? String(context.name) })
    const maker = new Maker<Args, Value>(() => {
      throw new TypeError('A method has no value without its instance')
    }, settings)
    return function call(...args) {
      return maker.call(args, (...own) => method.call(this, ...own))
    }
  }
}
