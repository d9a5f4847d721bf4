// The locks and semaphores of others, as their pages say they are used.

import { Mutex } from 'async-mutex'
import { Sema } from 'async-sema'
import pLimit from 'p-limit'
import type { LockContender } from './locks.ts'

const mutex = new Mutex()
const sema = new Sema(1)
const limit = pLimit(1)
const nothing = (): void => {}

export const peers: LockContender[] = [
  {
    name: 'async-mutex',
    uncontended: async (times) => {
      for (let time = 0; time < times; time++) {
        const release = await mutex.acquire()
        release()
      }
    },
    contended: async (times) => {
      const all: Promise<void>[] = []
      for (let time = 0; time < times; time++) all.push(mutex.acquire().then((release) => release()))
      await Promise.all(all)
    },
  },
  {
    name: 'async-sema',
    uncontended: async (times) => {
      for (let time = 0; time < times; time++) {
        await sema.acquire()
        sema.release()
      }
    },
    contended: async (times) => {
      const all: Promise<void>[] = []
      for (let time = 0; time < times; time++) all.push(sema.acquire().then(() => sema.release()))
      await Promise.all(all)
    },
  },
  {
    name: 'p-limit',
    uncontended: async (times) => {
      for (let time = 0; time < times; time++) await limit(nothing)
    },
    contended: async (times) => {
      const all: Promise<void>[] = []
      for (let time = 0; time < times; time++) all.push(limit(nothing))
      await Promise.all(all)
    },
  },
]
