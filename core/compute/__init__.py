"""Where and how products are computed: devices, number types, packed and quantised matrices, limits of a machine."""
