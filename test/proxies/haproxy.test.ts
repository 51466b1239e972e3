import {haproxy} from './programs.ts';
import {proxyTests} from './suite.ts';

proxyTests(haproxy);
