#!/usr/bin/env node
import {forgetServiceLinks} from '../core/config/service-links.ts';
import {runConsole} from './console.ts';

/** `latchkey` where there is no appliance, as on a laptop: the console and its commands alone. */
forgetServiceLinks(process.env);
await runConsole(process.argv.slice(2), process.env);
