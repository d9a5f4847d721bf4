// The station of tools, in every place where it may run.

import { theStationOfToolsKeepsItsPromises } from './every-place/our-tools.ts'

theStationOfToolsKeepsItsPromises()
