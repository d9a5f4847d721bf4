// Every station that may move, in every place where it may run: the same answers, errors and cancellation.

import { everyPlaceKeepsItsPromises } from './every-place/suite.ts'

everyPlaceKeepsItsPromises()
