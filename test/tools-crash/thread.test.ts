// Everything a tool can do to its worker, in threads.

import { tryDeeds } from './matrix.ts'

tryDeeds('thread')
