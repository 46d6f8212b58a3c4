int kt_placeholder(void);
