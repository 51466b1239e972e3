/** Version of this appliance, the same in every program. */
export const version = '0.1.0';
