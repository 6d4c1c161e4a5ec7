"""Fields of the resources of the catalogue, in the order the Webservice shows them."""

from shops.connectors.prestashop.simulator.fields import table

PRODUCT = table("""
    id_manufacturer             int    isUnsignedId >manufacturers
    id_supplier                 int    isUnsignedId >suppliers
    id_category_default         int    isUnsignedId >categories
    new                         none
    cache_default_attribute     int
    id_default_image            int    dynamic >images
    id_default_combination      int    dynamic >combinations
    id_tax_rules_group          int    isUnsignedId >tax_rule_groups
    position_in_category        int    dynamic
    manufacturer_name           text   dynamic readonly
    quantity                    int    dynamic readonly
    type                        text   dynamic
    id_shop_default             int    isUnsignedId
    reference                   text   isReference max=64
    supplier_reference          text   isReference max=64
    location                    text   isString max=255
    width                       money  isUnsignedFloat
    height                      money  isUnsignedFloat
    depth                       money  isUnsignedFloat
    weight                      money  isUnsignedFloat
    quantity_discount           bool   isBool
    ean13                       text   isEan13 max=13
    isbn                        text   isIsbn max=32
    upc                         text   isUpc max=12
    mpn                         text   isMpn max=40
    cache_is_pack               bool   isBool
    cache_has_attachments       bool   isBool
    is_virtual                  bool   isBool
    state                       int    isUnsignedId
    additional_delivery_times   int    isUnsignedId
    delivery_in_stock           texts  isGenericName max=255
    delivery_out_stock          texts  isGenericName max=255
    product_type                text   isGenericName
    on_sale                     bool   isBool
    online_only                 bool   isBool
    ecotax                      money  isPrice
    minimal_quantity            int    isUnsignedInt
    low_stock_threshold         int    isInt
    low_stock_alert             bool   isBool
    price                       money  isPrice required=9
    wholesale_price             money  isPrice
    unity                       text   isString
    unit_price                  money  isPrice
    unit_price_ratio            money
    additional_shipping_cost    money  isPrice
    customizable                int    isUnsignedInt
    text_fields                 int    isUnsignedInt
    uploadable_files            int    isUnsignedInt
    active                      bool   isBool
    redirect_type               text   isString
    id_type_redirected          int    isUnsignedId
    available_for_order         bool   isBool
    available_date              day    isDateFormat
    show_condition              bool   isBool
    condition                   text   isGenericName
    show_price                  bool   isBool
    indexed                     bool   isBool
    visibility                  text   isProductVisibility
    advanced_stock_management   bool   isBool
    date_add                    moment isDate
    date_upd                    moment isDate
    pack_stock_type             int    isUnsignedInt
    meta_description            texts  isGenericName max=512
    meta_keywords               texts  isGenericName max=255 until=9
    meta_title                  texts  isGenericName max=255
    link_rewrite                texts  isLinkRewrite max=128
    name                        texts  isCatalogName max=128
    description                 texts  isCleanHtml
    description_short           texts  isCleanHtml
    available_now               texts  isGenericName max=255
    available_later             texts  isGenericName max=255
""")
COMBINATION = table("""
    id_product          int    isUnsignedId required >products
    ean13               text   isEan13 max=13
    isbn                text   isIsbn max=32
    upc                 text   isUpc max=12
    mpn                 text   isMpn max=40
    reference           text   isReference max=64
    supplier_reference  text   isReference max=64
    wholesale_price     money  isPrice
    price               money  isNegativePrice
    ecotax              money  isPrice
    weight              money  isFloat
    unit_price_impact   money  isNegativePrice
    minimal_quantity    int    isUnsignedInt required
    low_stock_threshold int    isInt
    low_stock_alert     bool   isBool
    default_on          text   isBool
    available_date      day    isDateFormat
    available_now       texts  isGenericName max=255 since=8
    available_later     texts  isGenericName max=255 since=8
""")
STOCK = table("""
    id_product           int   isUnsignedId required >products
    id_product_attribute int   isUnsignedId required
    id_shop              int   isUnsignedId >shops
    id_shop_group        int   isUnsignedId
    quantity             int   isInt required
    depends_on_stock     bool  isBool required
    out_of_stock         int   isInt required
    location             text  isString max=255
""")
CATEGORY = table("""
    id_parent              int    isUnsignedId >categories
    level_depth            int    isUnsignedInt readonly
    nb_products_recursive  int    dynamic readonly
    active                 bool   isBool required
    id_shop_default        int    isUnsignedId
    is_root_category       bool   isBool
    position               int
    date_add               moment isDate
    date_upd               moment isDate
    name                   texts  isCatalogName max=128 required
    link_rewrite           texts  isLinkRewrite max=128 required
    description            texts  isCleanHtml
    additional_description texts  isCleanHtml since=8
    meta_title             texts  isGenericName max=255
    meta_description       texts  isGenericName max=512
    meta_keywords          texts  isGenericName max=255 until=9
""")
MANUFACTURER = table("""
    active            bool   isBool
    link_rewrite      text   dynamic readonly
    name              text   isCatalogName max=64 required
    date_add          moment isDate
    date_upd          moment isDate
    description       texts  isCleanHtml
    short_description texts  isCleanHtml
    meta_title        texts  isGenericName max=255
    meta_description  texts  isGenericName max=512
    meta_keywords     texts  isGenericName until=9
""")
OPTION = table("""
    is_color_group bool  isBool
    group_type     text  isGenericName required
    position       int   isInt
    name           texts isGenericName max=128 required
    public_name    texts isGenericName max=64 required
""")
OPTION_VALUE = table("""
    id_attribute_group int   isUnsignedId required >product_options
    color              text  isColor
    position           int   isInt
    name               texts isGenericName max=128 required
""")
SPECIFIC_PRICE = table("""
    id_shop_group          int    isUnsignedId
    id_shop                int    isUnsignedId required >shops
    id_cart                int    isUnsignedId required >carts
    id_product             int    isUnsignedId required >products
    id_product_attribute   int    isUnsignedId
    id_currency            int    isUnsignedId required >currencies
    id_country             int    isUnsignedId required >countries
    id_group               int    isUnsignedId required >groups
    id_customer            int    isUnsignedId required >customers
    id_specific_price_rule int    isUnsignedId >specific_price_rules
    price                  money  isNegativePrice required
    from_quantity          int    isUnsignedInt required
    reduction              money  isPrice required
    reduction_tax          int    isBool required
    reduction_type         text   isReductionType required
    from                   moment isDateFormat required
    to                     moment isDateFormat required
""")
TAX = table("""
    rate    rate  isFloat required
    active  bool
    deleted bool
    name    texts isGenericName max=32 required
""")
TAX_RULE_GROUP = table("""
    name     text   isGenericName max=64 required
    active   bool   isBool
    deleted  bool   isBool
    date_add moment isDate
    date_upd moment isDate
""")
TAX_RULE = table("""
    id_tax_rules_group int  isUnsignedId required >tax_rule_groups
    id_state           int  isUnsignedId >states
    id_country         int  isUnsignedId required >countries
    zipcode_from       text isPostCode
    zipcode_to         text isPostCode
    id_tax             int  isUnsignedId required >taxes
    behavior           int  isUnsignedInt
    description        text isString
""")
