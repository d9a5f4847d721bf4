// Everything a tool can do to its worker, in processes.

import { tryDeeds } from './matrix.ts'

tryDeeds('process')
