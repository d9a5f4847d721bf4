// The desk for jobs: watched, listed, explained, cancelled and tried again.

import type { Jobs } from '../core/factory.ts'
import { view } from '../jobs/view.ts'
import type { JobNews } from '../jobs/watch.ts'
import type { Worker } from '../jobs/worker.ts'
import { mustBe } from '../requests.ts'
import type { JobStore } from '../stores/store.ts'
import { known, type Desk } from './desk.ts'

export interface JobsParts {
  jobs: JobStore
  news: JobNews
  worker: Worker
}

/** See {@link Jobs}. */
export function jobsDesk(desk: Desk, { jobs, news, worker }: JobsParts): Jobs {
  return {
    async *watch(ids, caller) {
      if (ids !== undefined) mustBe.ids(ids)
      const tenant = desk.tenantOf(caller)
      const signal = caller?.signal ? AbortSignal.any([caller.signal, desk.closing]) : desk.closing
      const watched = ids ? news.watch(jobs, tenant, ids, signal) : news.watchAll(jobs, tenant, signal)
      for await (const job of watched) yield view(job)
    },
    async jobs(query, caller) {
      mustBe.jobQuery(query)
      return (await jobs.list(desk.tenantOf(caller), query)).map(view)
    },
    async explain(id, caller) {
      mustBe.id(id, 'job id')
      const { job, ...rest } = known(await jobs.explain(desk.tenantOf(caller), id), 'job', id)
      return { job: view(job), ...rest }
    },
    async cancel(id, caller) {
      mustBe.id(id, 'job id')
      const job = known(await jobs.cancel(desk.tenantOf(caller), id), 'job', id)
      worker.interrupt(id)
      news.announce(job)
      return view(job)
    },
    async retry(id, caller) {
      mustBe.id(id, 'job id')
      const job = known(await jobs.retry(desk.tenantOf(caller), id), 'job', id)
      worker.wake()
      return view(job)
    },
  }
}
