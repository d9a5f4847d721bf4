// Models of llama.cpp: the user's own GGUF files, in child processes.

export { LlamaChat } from './chat.ts'
export { LlamaEmbedder } from './embedder.ts'
export type { LlamaEmbedderOptions } from './embedder.ts'
export { llamaOptions } from './options.ts'
export type { LlamaOptions, LlamaSettings } from './options.ts'
export { llamaPool } from './pool.ts'
export { LlamaReranker } from './reranker.ts'
