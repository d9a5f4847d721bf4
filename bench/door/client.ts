// The process that asks: everything a client of this benchmark does, by name.

import { askClosed, askOpen } from './asking.ts'
import { cutAndResume } from './cuts.ts'
import { serveParent } from './process.ts'
import { flow, leave, leaveAll, openStreams } from './streams.ts'

const handlers = { askClosed, askOpen, cutAndResume, openStreams, flow, leave, leaveAll }

export type ClientProcess = typeof handlers

serveParent(handlers)
