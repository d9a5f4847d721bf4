// `cached`: of a function with its options, or alone as a decorator.

import { cachedFunction, type Cached } from './cached.ts'
import { cachedMethod, type MethodDecorator, type MethodOptions } from './decorator.ts'
import type { CacheOptions } from './options.ts'

/**
 * Caches a function; see {@link cachedFunction}.
 *
 *     const embed = cached(embedText, { name: 'embed', ttl: '30d', l2 })
 */
export function cached<Args extends readonly unknown[], Value>(
  fn: (...args: Args) => Promise<Value> | Value,
  options: CacheOptions<Args, Value>,
): Cached<Args, Value>
/**
 * Decorates a method. All instances share one cache and `this` is no part of the key: where instances answer differently,
 * give a `scope` or a `key` that says so.
 *
 *     class Library {
 *       @cached({ ttl: '10m' })
 *       async summary(id: string): Promise<string> { … }
 *     }
 */
export function cached<Args extends readonly unknown[], Value>(
  options?: MethodOptions<Args, Value>,
): MethodDecorator<Args, Value>
export function cached<Args extends readonly unknown[], Value>(
  first: ((...args: Args) => Promise<Value> | Value) | MethodOptions<Args, Value> = {},
  options?: CacheOptions<Args, Value>,
): Cached<Args, Value> | MethodDecorator<Args, Value> {
  return typeof first === 'function' ? cachedFunction(first, options ?? { name: first.name }) : cachedMethod(first)
}
