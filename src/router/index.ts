// andon/models: one door to many model servers.
//
//     import { ConcurrentRouter } from 'andon/models'
//
//     await using router = new ConcurrentRouter({
//       endpoints: [
//         { name: 'gpu-1', url: 'http://10.0.0.1:8000', protocol: 'vllm', model: 'qwen3-32b', maxConcurrent: 64 },
//         { name: 'gpu-2', url: 'http://10.0.0.2:8000', protocol: 'vllm', model: 'qwen3-32b', maxConcurrent: 64 },
//         { name: 'laptop', url: 'http://127.0.0.1:11434', protocol: 'ollama', model: 'qwen3:4b', maxConcurrent: 2 },
//       ],
//       fallback: ['qwen3-32b', 'qwen3:4b'],
//     })
//     const { text, endpoint, attempts } = await router.routeRequest('Why is the sky blue?', { priority: 0 })
//     for await (const event of await router.routeRequest('And at night?', { stream: true }))
//       if (event.type === 'text-delta') process.stdout.write(event.text)

export { ConcurrentRouter } from './router.ts'
export type { RouterOptions } from './router-options.ts'
export type { SettingNames } from './endpoint.ts'
export type { RoutedModel } from './fleet.ts'
export type { AskOptions, RouteOptions } from './requests.ts'
export type { Fallback, RoutedAnswer, RoutedChat } from './routed-chat.ts'
export type { RoutedModelOptions } from './routed-models.ts'
export type { HearingOptions, RouterEvent } from './router-events.ts'
export type { UsageRecord } from './usage-records.ts'
export { MemorySpending } from './spending.ts'
export type { Budget, Budgets, Spent, SpendingStore } from './spending.ts'
export type { HedgeOptions } from './hedging.ts'
export type { RetryBudgetOptions } from './retry-budget.ts'
export type { Discovery } from './discovery.ts'
export { abilities, endpointSchema, protocols } from './endpoint.ts'
export type { Ability, EndpointSettings, ModelEndpoint, Protocol } from './endpoint.ts'
export type { Attempt, Failure, FailureKind } from './order.ts'
export type { SchedulerOptions, SchedulerState } from './scheduler.ts'
export type { EndpointReport } from './endpoint-report.ts'
export type { DemandView, EndpointPlaces, Signal } from './autoscale.ts'
export type { OpenPermits, SharedPermits } from '../concurrency/permits.ts'
export { Counting, openTokenCounter } from '../tokens/counting.ts'
export type { CountingOptions } from '../tokens/counting.ts'
export type { Countable, TokenCounter } from '../tokens/counter.ts'
export type { ServerCounterOptions } from '../tokens/server-tokens.ts'
export { AndonError } from '../core/errors.ts'
export type { Code } from '../core/errors.ts'
export type { AskedCall, ClientTool, Usage } from '../core/question.ts'
export type {
  AnswerSchema,
  ChatEvent,
  ChatMessage,
  ChatModel,
  ChatRequest,
  Embedder,
  EmbeddingKind,
  FinishReason,
  Reranker,
} from '../models/model.ts'
