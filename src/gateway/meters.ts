// What is counted and timed: the instruments, their names and their units, in Prometheus' terms. Labels take few values:
// the pattern of a route and never its path, and no tenant.

import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** From a reply out of a cache to the longest answer, in seconds. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

export type Meters = ReturnType<typeof createMeters>

/** Makes the instruments, in a registry of their own. */
export function createMeters() {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `andon_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name: `andon_${name}`, help, labelNames, registers })
  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[]): Histogram<Label> =>
    new Histogram({ name: `andon_${name}`, help, labelNames, buckets: seconds, registers })
  return {
    registry,
    requests: counter('http_requests_total', 'Requests, by the pattern of their route', ['route', 'method', 'status']),
    requestSeconds: histogram('http_request_duration_seconds', 'From a request to the end of its reply', [
      'route',
      'method',
    ]),
    admissionRefused: counter('admission_refused_total', 'Requests refused because their lane was full', ['lane']),
    admissionSeconds: histogram('admission_wait_seconds', 'How long requests waited for their place', ['lane']),
    questionsRunning: gauge('questions_running', 'Questions that have a place', []),
    questionsWaiting: gauge('questions_waiting', 'Questions that wait for a place', []),
    uploadsRunning: gauge('uploads_running', 'Uploads that have a place', []),
    uploadsWaiting: gauge('uploads_waiting', 'Uploads that wait for a place', []),
    firstTextSeconds: histogram('time_to_first_text_seconds', 'From a question to the first text of its answer', []),
    answerSeconds: histogram('answer_duration_seconds', 'From a question to the end of its answer', []),
    answers: counter('answers_total', 'Answers that came to their end', ['mode', 'confidence']),
    answersEnded: counter('answers_ended_total', 'Answers, by how they ended', ['state']),
    degraded: counter('degraded_total', 'Answers that were less than they could be, by reason', ['reason']),
    stageSeconds: histogram('stage_duration_seconds', 'How long the stations worked for answers', ['stage']),
    tokens: counter('model_tokens_total', 'Tokens of models, as counted or estimated', ['kind']),
    toolRuns: counter('tool_runs_total', 'Runs of tools, by how they ended', ['tool', 'outcome', 'place']),
    toolSeconds: histogram('tool_run_seconds', 'How long runs of tools took, of their own', ['tool', 'place']),
    toolsKilled: counter('tool_killed_total', 'Workers that were killed because of a tool', ['tool', 'place']),
    jobs: gauge('jobs', 'Documents that are loading or wait for it', ['state']),
    documents: gauge('documents', 'Documents of all tenants', []),
    passages: gauge('passages', 'Passages of all tenants', []),
    ready: gauge('ready', 'Whether this door should be given work', []),
    loopSeconds: gauge('event_loop_delay_seconds', 'How late the event loop is', ['percentile']),
    poolRunning: gauge('pool_running', 'Calls that workers of a pool have', ['pool']),
    poolWaiting: gauge('pool_waiting', 'Calls that wait for a worker of a pool', ['pool']),
    workersRestarted: counter('workers_restarted_total', 'Workers that ended without being asked to', ['pool']),
    troubles: counter('troubles_total', 'Faults behind the requests', ['part']),
    faults: counter('faults_total', 'Requests that met a fault of Andon itself', []),
  }
}
