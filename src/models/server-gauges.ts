// The names under which model servers and their versions tell how busy they are, in Prometheus' text format.

/** The same gauge of vLLM, its older versions, SGLang and llama.cpp's server; whichever is there counts. */
export const serverGauges = {
  running: ['vllm:num_requests_running', 'sglang:num_running_reqs', 'llamacpp:requests_processing'],
  waiting: ['vllm:num_requests_waiting', 'sglang:num_queue_reqs', 'llamacpp:requests_deferred'],
  /** 0 to 1. */
  kvUsage: [
    'vllm:kv_cache_usage_perc',
    'vllm:gpu_cache_usage_perc',
    'sglang:token_usage',
    'llamacpp:kv_cache_usage_ratio',
  ],
} as const
