import {nginx} from './programs.ts';
import {proxyTests} from './suite.ts';

proxyTests(nginx, await nginx.findTool());
