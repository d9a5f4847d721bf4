// The gauges of servers, as their versions name them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readGauges } from './gauges.ts'

test('vLLM, old and new: requests of all engines are added up, the fullest cache counts', () => {
  const page = (cache: string): string => `# HELP vllm:num_requests_running Number of requests
vllm:num_requests_running{engine="0",model_name="a"} 3.0
vllm:num_requests_running{engine="1",model_name="a"} 4.0
vllm:num_requests_waiting{engine="0",model_name="a"} 2.0
vllm:num_requests_waiting_by_reason{reason="capacity"} 9.0
${cache}{engine="0"} 0.25
${cache}{engine="1"} 0.5
`
  const hint = { running: 7, waiting: 2, kvUsage: 0.5 }
  assert.deepEqual(readGauges(page('vllm:kv_cache_usage_perc')), hint)
  assert.deepEqual(readGauges(page('vllm:gpu_cache_usage_perc')), hint)
})

test('SGLang and llama.cpp', () => {
  assert.deepEqual(readGauges('sglang:num_running_reqs 5\nsglang:num_queue_reqs 1\nsglang:token_usage 0.75\n'), {
    running: 5,
    waiting: 1,
    kvUsage: 0.75,
  })
  assert.deepEqual(readGauges('llamacpp:requests_processing 2\nllamacpp:requests_deferred 6'), {
    running: 2,
    waiting: 6,
    kvUsage: 0,
  })
})

test('what is no such page gives no hint', () => {
  assert.equal(readGauges('<html>vllm</html>'), undefined)
  assert.equal(readGauges('vllm:num_requests_running NaN'), undefined)
})
