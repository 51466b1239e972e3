export type ConnectScreen = {readonly type: 'connect'};
