import {caddy} from './programs.ts';
import {proxyTests} from './suite.ts';

proxyTests(caddy, await caddy.findTool());
